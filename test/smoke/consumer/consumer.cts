import testing = require("obsvty/testing");

export async function use(): Promise<string> {
  const receiver = await testing.startReceiver();
  return receiver.endpoint;
}
