// What a host asks of the server, each as a promise. The server answers errors only, so behind each command goes a ping:
// its pong, which comes in order, says that the command was obeyed.

import type { ClientMessage, HostCommand, ServerError } from './protocol.ts';
import { makeId } from './identifiers.ts';

/** Why a host's command failed: `not_host`, `member_unknown`, or `interrupted` when the server could not be reached. */
export class RoomError extends Error {
  readonly code: string;
  constructor(code: string) {
    super(`the room refused: ${code}`);
    this.code = code;
  }
}

interface Pending {
  /** The number of the ping behind it. */
  ping: number;
  resolve(): void;
  reject(error: RoomError): void;
}

type WithoutId<Command> = Command extends unknown ? Omit<Command, 'id'> : never;

export interface CommandPorts {
  /** Whether the server hears us now. */
  reachable(): boolean;
  send(message: ClientMessage): void;
  /** Sends a ping and returns its number. */
  ping(): number;
}

export class HostCommands {
  readonly #ports: CommandPorts;
  readonly #pending = new Map<string, Pending>();

  constructor(ports: CommandPorts) {
    this.#ports = ports;
  }

  ask(command: WithoutId<HostCommand>): Promise<void> {
    if (!this.#ports.reachable()) return Promise.reject(new RoomError('interrupted'));
    const id = makeId();
    this.#ports.send({ ...command, id } as HostCommand);
    const ping = this.#ports.ping();
    return new Promise((resolve, reject) => this.#pending.set(id, { ping, resolve, reject }));
  }

  failed({ about, code }: ServerError): void {
    // Where a setting could not be written to disk it holds all the same.
    if (about === undefined || code === 'not_saved') return;
    this.#pending.get(about)?.reject(new RoomError(code));
    this.#pending.delete(about);
  }

  pong(number: number): void {
    for (const [id, { ping, resolve }] of [...this.#pending]) {
      if (ping > number) continue;
      this.#pending.delete(id);
      resolve();
    }
  }

  interrupted(): void {
    for (const { reject } of this.#pending.values()) reject(new RoomError('interrupted'));
    this.#pending.clear();
  }
}
