import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, createFileRegistry, equals, fromBinary } from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_any,
  file_google_protobuf_descriptor,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import { file_obsvty_v1_query } from "../../../../../gen/obsvty/v1/query_pb.ts";
import {
  DescriptorIndex,
  withImports,
} from "../../../../../src/adapters/inbound/reflection/descriptor-index.ts";

const optional = Label.OPTIONAL;

/** What proto2 has: a message to extend, and two files that extend it, one within a message. */
const registry = createFileRegistry(
  create(FileDescriptorSetSchema, {
    file: [
      {
        name: "base.proto",
        package: "shop",
        messageType: [
          {
            name: "Cart",
            extensionRange: [{ start: 100, end: 200 }],
            nestedType: [
              { name: "Item", enumType: [{ name: "Kind", value: [{ name: "FOOD", number: 0 }] }] },
            ],
            field: [
              { name: "card", number: 1, label: optional, type: Type.STRING, oneofIndex: 0 },
              { name: "cash", number: 2, label: optional, type: Type.BOOL, oneofIndex: 0 },
            ],
            oneofDecl: [{ name: "payment" }],
          },
        ],
      },
      {
        name: "more.proto",
        dependency: ["base.proto"],
        extension: [
          { name: "gift", extendee: ".shop.Cart", number: 120, label: optional, type: Type.BOOL },
          { name: "note", extendee: ".shop.Cart", number: 101, label: optional, type: Type.STRING },
        ],
      },
      {
        name: "nested.proto",
        package: "shop.extra",
        dependency: ["base.proto", "more.proto"],
        messageType: [
          {
            name: "Extras",
            extension: [
              { name: "bag", extendee: ".shop.Cart", number: 110, label: optional, type: Type.BOOL },
            ],
          },
        ],
        service: [
          { name: "Till", method: [{ name: "Pay", inputType: ".shop.Cart", outputType: ".shop.Cart" }] },
        ],
      },
    ],
  }),
);
const last = registry.getFile("nested.proto") ?? assert.fail();

describe("the index of descriptors", () => {
  const index = new DescriptorIndex([last]);

  for (const [symbol, file] of [
    ["shop.Cart", "base.proto"],
    ["shop.Cart.Item", "base.proto"],
    ["shop.Cart.Item.Kind", "base.proto"],
    ["shop.Cart.Item.FOOD", "base.proto"],
    ["shop.Cart.card", "base.proto"],
    ["shop.Cart.payment", "base.proto"],
    ["gift", "more.proto"],
    ["shop.extra.Extras.bag", "nested.proto"],
    ["shop.extra.Till", "nested.proto"],
    ["shop.extra.Till.Pay", "nested.proto"],
  ] as const) {
    it(`the index of descriptors finds the file that declares ${symbol}`, () => {
      assert.equal(index.fileDeclaring(symbol)?.proto.name, file);
    });
  }

  for (const symbol of ["", "shop", ".shop.Cart", "shop.Cart.Item.Kind.FOOD", "Cart", "shop.extra.bag"]) {
    it(`the index of descriptors finds no file that declares "${symbol}"`, () => {
      assert.equal(index.fileDeclaring(symbol), undefined);
    });
  }

  it("the index of descriptors finds extensions, wherever they are declared", () => {
    assert.deepEqual(index.extensionNumbers("shop.Cart"), [101, 110, 120]);
    assert.deepEqual(index.extensionNumbers("shop.Cart.Item"), []);
    assert.equal(index.fileExtending("shop.Cart", 110)?.proto.name, "nested.proto");
    assert.equal(index.fileExtending("shop.Cart", 120)?.proto.name, "more.proto");
    assert.equal(index.fileExtending("shop.Cart", 1), undefined);
    assert.equal(index.fileExtending("shop", 110), undefined);
  });

  it("the index of descriptors knows files by their whole name, imported ones too", () => {
    assert.equal(index.fileOf("more.proto")?.proto.name, "more.proto");
    assert.equal(index.fileOf("more"), undefined);
    assert.equal(new DescriptorIndex([file_google_protobuf_any]).fileOf("more.proto"), undefined);
  });

  it("a file that the index of descriptors encodes is read as the same file", () => {
    for (const file of [last, file_obsvty_v1_query, file_google_protobuf_descriptor]) {
      const read = fromBinary(FileDescriptorProtoSchema, index.encode(file));
      assert.ok(equals(FileDescriptorProtoSchema, read, file.proto), file.name);
      assert.equal(index.encode(file), index.encode(file));
    }
  });
});

describe("a file with its imports", () => {
  it("a file comes before its imports, each file once", () => {
    assert.deepEqual(
      [...withImports(last)].map(({ proto }) => proto.name),
      ["nested.proto", "base.proto", "more.proto"],
    );
  });

  it("a file's imports include those of its imports, protobuf's own files among them", () => {
    const names = [...withImports(file_obsvty_v1_query)].map(({ proto }) => proto.name);
    assert.equal(names[0], "obsvty/v1/query.proto");
    for (const name of ["google/protobuf/struct.proto", "google/protobuf/timestamp.proto"]) {
      assert.ok(names.includes(name), name);
    }
  });
});
