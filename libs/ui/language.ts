import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { LocaleName } from '#libs/contracts/tenant-spec.js';
import { boot } from './boot.js';

type Strings = Readonly<Record<string, string>>;

/** Loads the strings of one locale; the default one is part of the page. */
export type LocaleLoaders = Readonly<Record<LocaleName, () => Promise<Strings>>>;

const storageKey = 'whisper.language';
let loaders: LocaleLoaders;

function isLocale(name: string | null | undefined): name is LocaleName {
  return name === 'en' || name === 'de';
}

function wished(): LocaleName {
  const chosen = localStorage.getItem(storageKey);
  if (isLocale(chosen)) return chosen;
  const asked = navigator.languages.map((language) => language.slice(0, 2)).find(isLocale);
  return asked ?? boot.branding.locale;
}

async function use(locale: LocaleName): Promise<void> {
  if (!i18next.hasResourceBundle(locale, 'translation'))
    i18next.addResourceBundle(locale, 'translation', await loaders[locale]());
  await i18next.changeLanguage(locale);
  document.documentElement.lang = locale;
  document.documentElement.dir = i18next.dir(locale);
}

/** Starts translation in the person's language: chosen here before, else the browser's, else the tenant's. */
export async function startLanguage(localeLoaders: LocaleLoaders): Promise<void> {
  loaders = localeLoaders;
  await i18next.use(initReactI18next).init({
    resources: {},
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    returnNull: false,
    initAsync: false,
  });
  await use(wished());
}

/** Changes the language and remembers it. */
export async function chooseLanguage(locale: LocaleName): Promise<void> {
  localStorage.setItem(storageKey, locale);
  await use(locale);
}
