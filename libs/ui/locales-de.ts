import type { sharedEn } from './locales-en.js';

/** German strings of the shared components. */
export const sharedDe: Record<keyof typeof sharedEn, string> = {
  'ui.close': 'Schließen',
  'ui.cancel': 'Abbrechen',
  'ui.copy': 'Kopieren',
  'ui.copied': 'Kopiert',
  'ui.undo': 'Rückgängig',
  'ui.retry': 'Erneut versuchen',
  'ui.showPassword': 'Passwort anzeigen',
  'ui.hidePassword': 'Passwort verbergen',
  'ui.requestId': 'Anfrage-ID: {{id}}',
  'ui.retryAt': 'Ein neuer Versuch ist um {{time}} möglich.',
  'ui.typeToConfirm': 'Zum Bestätigen {{word}} eingeben',
  'ui.loadMore': 'Mehr laden',
  'ui.loading': 'Wird geladen',
  'ui.sortBy': 'Nach {{column}} sortieren',
  'ui.notifications': 'Mitteilungen',
  'ui.menu': 'Menü',
  'ui.error.unknown': 'Etwas ist schiefgegangen.',
  'ui.error.unknownAction': 'Versuchen Sie es erneut; sonst melden Sie bitte die Anfrage-ID.',
  'ui.error.offline': 'Der Server ist nicht erreichbar.',
  'ui.error.offlineAction':
    'Prüfen Sie die Verbindung und versuchen Sie es erneut. Nichts Geschriebenes geht verloren.',
  'ui.theme': 'Darstellung',
  'ui.theme.system': 'Wie das System',
  'ui.theme.light': 'Hell',
  'ui.theme.dark': 'Dunkel',
  'ui.language': 'Sprache',
  'ui.skip': 'Zum Inhalt springen',
};
