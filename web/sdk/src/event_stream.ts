// The parser of text/event-stream (WHATWG HTML §9.2.6), as far as signaling uses it: data lines, events that end with
// an empty line, comments. It takes the stream in pieces that may end anywhere.

/** Longer than any message that the protocol allows, twice over. */
const LONGEST = 262_144;

export class EventStream {
  readonly #event: (data: string) => void;
  #rest = '';
  #data: string[] = [];

  constructor(event: (data: string) => void) {
    this.#event = event;
  }

  /** False when the stream is not what it should be, and must be given up. */
  push(piece: string): boolean {
    const lines = (this.#rest + piece).split(/\r\n|\n/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
    const waiting = this.#data.reduce((sum, line) => sum + line.length, this.#rest.length);
    return waiting <= LONGEST;
  }

  #line(line: string): void {
    if (line === '') {
      const data = this.#data;
      this.#data = [];
      if (data.length > 0) this.#event(data.join('\n'));
    } else if (line.startsWith('data:')) {
      this.#data.push(line.slice(line[5] === ' ' ? 6 : 5));
    }
  }
}
