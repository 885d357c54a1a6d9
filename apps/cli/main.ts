import { asAppError } from '#libs/kernel/errors.js';
import { createProgram } from './program.js';

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  const { message, action, code } = asAppError(error);
  process.stderr.write(`whisper: ${message}\n         ${action} (${code})\n`);
  process.exitCode = 1;
}
