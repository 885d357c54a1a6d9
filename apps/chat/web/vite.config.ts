import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));

export default defineConfig({
  root,
  base: '/',
  plugins: [react(), tailwind()],
  // The "imports" of package.json lead to sources under this condition.
  resolve: { conditions: ['whisper-source', 'module', 'browser', 'development|production'] },
  build: {
    outDir: '../../../dist/web/chat',
    emptyOutDir: true,
    target: 'es2023',
    // No data: URIs: the content security policy allows none for fonts and scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One initial chunk of about 180 KB gzip; the limit counts what is not compressed.
    chunkSizeWarningLimit: 800,
  },
});
