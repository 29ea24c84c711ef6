import { Server, ServerCredentials, type ServiceDefinition } from "@grpc/grpc-js";
import { exportPath } from "../../../src/domain/signal.ts";
import { reportOnStdio } from "./report.ts";

// grpc-js that decodes nothing and keeps the newest requests as they came: what its own machinery costs.

const keptRequests = 1000;
const kept: Buffer[] = new Array(keptRequests);
let requests = 0;

const server = new Server();
for (const signal of ["traces", "logs", "metrics"] as const) {
  const definition: ServiceDefinition = {
    export: {
      path: exportPath(signal),
      requestStream: false,
      responseStream: false,
      requestSerialize: (bytes: Buffer) => bytes,
      requestDeserialize: (bytes: Buffer) => bytes,
      responseSerialize: (bytes: Buffer) => bytes,
      responseDeserialize: (bytes: Buffer) => bytes,
    },
  };
  server.addService(definition, {
    export: ({ request }: { request: Buffer }, callback: (error: null, response: Buffer) => void) => {
      kept[requests % keptRequests] = request;
      requests += 1;
      callback(null, Buffer.alloc(0));
    },
  });
}
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  reportOnStdio(port, () => ({ requests }));
});
