import { connect, createServer } from 'node:net';

/** The two ports a broker listens on. */
export interface Ports {
  /** Where clients connect. */
  readonly client: number;
  /** Where the node speaks with itself as the controller. */
  readonly controller: number;
}

/** Two ports of the loopback interface that were free at the same time. */
export async function freePorts(): Promise<Ports> {
  const servers = [createServer(), createServer()];
  const [client = 0, controller = 0] = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return { client, controller };
}

/** Whether somebody listens on a port of the loopback interface. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
