import { buildKubernetes } from './kubernetes-programs.js';
import { buildNodePrograms } from './node-programs.js';

const say = (line: string) => console.error(`whisper: ${line}`);

// Run before the suites, so that minutes of compiling are not spent inside one of them.
for (const build of [buildKubernetes, buildNodePrograms]) {
  const found = await build(say);
  say(typeof found === 'string' ? `programs in ${found}` : found.missing);
  if (typeof found !== 'string') process.exitCode = 1;
}
