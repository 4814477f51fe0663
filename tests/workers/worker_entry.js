// Of a worker that begins with TypeScript, `deno test` checks the types of all it imports, each time.
import "./worker_program.ts";
