import type { LocaleName } from '#libs/contracts/tenant-spec.js';
import { chooseLanguage } from './language.js';
import { MenuChoice, MenuHeading } from './menu.js';
import { chooseTheme, useThemeChoice, type ThemeChoice } from './theme-choice.js';
import { useText } from './use-text.js';

const themes: readonly ThemeChoice[] = ['system', 'light', 'dark'];
/** Each language in its own words, so that a reader finds it from any other. */
const languages: readonly { value: LocaleName; label: string }[] = [
  { value: 'en', label: 'English' },
  { value: 'de', label: 'Deutsch' },
];

/** Theme and language, as part of a menu. */
export function PreferenceChoices() {
  const { text, locale } = useText();
  const theme = useThemeChoice();
  return (
    <>
      <MenuHeading>{text('ui.theme')}</MenuHeading>
      <MenuChoice
        value={theme}
        options={themes.map((value) => ({ value, label: text(`ui.theme.${value}`) }))}
        onChoose={(value) => {
          const chosen = themes.find((choice) => choice === value);
          if (chosen !== undefined) chooseTheme(chosen);
        }}
      />
      <MenuHeading>{text('ui.language')}</MenuHeading>
      <MenuChoice
        value={locale}
        options={languages}
        onChoose={(value) => {
          const chosen = languages.find((language) => language.value === value);
          if (chosen !== undefined) void chooseLanguage(chosen.value);
        }}
      />
    </>
  );
}
