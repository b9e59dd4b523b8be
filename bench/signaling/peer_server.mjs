// npm's peer with room for the benchmark's people; says "ready" once it listens.
import { PeerServer } from 'peer';

const port = Number(process.argv[2]);
PeerServer({ port, host: '127.0.0.1', concurrent_limit: 100_000 }, () => console.log('ready'));
