// Runs before the first paint, so that a chosen theme never flashes; the rest of the choice is in libs/ui/theme-choice.ts.
(function () {
  try {
    var choice = localStorage.getItem('whisper.theme');
    if (choice === 'light' || choice === 'dark') document.documentElement.dataset.theme = choice;
  } catch {
    // Storage is off: the system's theme holds.
  }
})();
