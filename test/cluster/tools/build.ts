import { buildKubernetes } from './kubernetes-programs.js';

// Run before the suites, so that minutes of compiling are not spent inside one of them.
const found = await buildKubernetes((line) => console.error(`whisper: ${line}`));
console.error(typeof found === 'string' ? `whisper: Kubernetes programs in ${found}` : `whisper: ${found.missing}`);
process.exitCode = typeof found === 'string' ? 0 : 1;
