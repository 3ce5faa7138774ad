import { defineConfig } from 'vite';

// The zone serves the page under `default-src 'self'`: nothing may be inlined, neither scripts nor small files.
export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../build/web',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
