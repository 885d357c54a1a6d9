import { Command } from 'commander';
import { createProgram } from '#apps/cli/program.js';
import { addStartOptions } from '#libs/platform/load-config.js';
import { cell, code, page, table } from './markdown.js';

function usageOf(command: Command, names: readonly string[]): string {
  return [...names, command.name()].join(' ');
}

function optionTable(command: Command): readonly string[] {
  const rows = command.options.map(({ flags, description, mandatory, argChoices }) => [
    code(flags),
    mandatory ? 'yes' : '',
    cell(argChoices === undefined ? description : `${description}: ${argChoices.join(', ')}`),
  ]);
  return rows.length === 0 ? [] : [table(['option', 'required', 'meaning'], rows)];
}

function sections(command: Command, names: readonly string[]): string[] {
  const path = [...names, command.name()];
  if (command.commands.length > 0) return command.commands.flatMap((child) => sections(child, path));
  return [[`### ${code(usageOf(command, names))}`, cell(command.description()), ...optionTable(command)].join('\n\n')];
}

/** `docs/reference/command-line.md`. */
export function commandLinePage(): string {
  const program = createProgram();
  return page(
    'Command line',
    '## `npm start -- [options]`',
    'Starts the whole platform on this machine. Every setting, those of the environment included: [configuration](configuration.md).',
    ...optionTable(addStartOptions(new Command())),
    '## `whisper`',
    `${program.description()} In a checkout it is called as \`npm run -s whisper -- <command>\`. ` +
      'What a command makes stands alone on standard output; a failure is on standard error, and the exit status is then 1.',
    'Options of every command:',
    ...optionTable(program),
    ...program.commands.flatMap((command) => sections(command, [program.name()])),
  );
}
