import { createHighlighterCore, type HighlighterCore, type LanguageInput } from 'shiki/core';
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript';

/** Parts of a line, each with the CSS variable of its colour. */
export type CodeLine = readonly { readonly text: string; readonly color: string | undefined }[];

const languages: Readonly<Record<string, LanguageInput>> = {
  bash: () => import('shiki/langs/bash.mjs'),
  css: () => import('shiki/langs/css.mjs'),
  go: () => import('shiki/langs/go.mjs'),
  html: () => import('shiki/langs/html.mjs'),
  java: () => import('shiki/langs/java.mjs'),
  javascript: () => import('shiki/langs/javascript.mjs'),
  json: () => import('shiki/langs/json.mjs'),
  python: () => import('shiki/langs/python.mjs'),
  rust: () => import('shiki/langs/rust.mjs'),
  sql: () => import('shiki/langs/sql.mjs'),
  tsx: () => import('shiki/langs/tsx.mjs'),
  typescript: () => import('shiki/langs/typescript.mjs'),
  yaml: () => import('shiki/langs/yaml.mjs'),
};

const otherNames: Readonly<Record<string, string>> = {
  js: 'javascript',
  jsx: 'tsx',
  mjs: 'javascript',
  py: 'python',
  rs: 'rust',
  sh: 'bash',
  shell: 'bash',
  ts: 'typescript',
  yml: 'yaml',
  zsh: 'bash',
};

const rule = (scope: string[], variable: string) => ({ scope, settings: { foreground: `var(--code-${variable})` } });

/** Colours are CSS variables, so that light and dark follow without another pass. */
const theme = {
  name: 'whisper',
  type: 'light' as const,
  fg: 'var(--text)',
  bg: 'var(--sunken)',
  settings: [
    rule(['comment', 'punctuation.definition.comment'], 'comment'),
    rule(['keyword', 'storage', 'keyword.operator.expression'], 'keyword'),
    rule(['string', 'punctuation.definition.string'], 'string'),
    rule(['constant', 'support.constant', 'variable.language', 'entity.name.tag'], 'constant'),
    rule(['entity.name.function', 'support.function', 'entity.name.type', 'support.type'], 'function'),
  ],
};

let highlighter: Promise<HighlighterCore> | undefined;

/** The coloured lines of a code, or null for a language we do not know. */
export async function highlight(code: string, language: string): Promise<readonly CodeLine[] | null> {
  const name = otherNames[language] ?? language;
  const input = languages[name];
  if (input === undefined) return null;
  highlighter ??= createHighlighterCore({ themes: [theme], langs: [], engine: createJavaScriptRegexEngine() });
  const core = await highlighter;
  if (!core.getLoadedLanguages().includes(name)) await core.loadLanguage(input);
  const { tokens } = core.codeToTokens(code, { lang: name, theme: 'whisper' });
  return tokens.map((line) => line.map((token) => ({ text: token.content, color: token.color })));
}
