// How the web app becomes the directory of files that the server embeds. Nothing is inlined: the server's
// Content-Security-Policy allows neither inline scripts, inline styles nor data: fonts.
import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const backend = process.env['BEELINE_URL'] ?? 'http://localhost:8080';

export default defineConfig({
  root: 'app',
  base: '/',
  build: {
    outDir: resolve(process.env['BEELINE_WEB_OUT'] ?? 'dist'),
    emptyOutDir: true,
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    modulePreload: false,
    target: 'es2022',
  },
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  server: { proxy: { '/api': { target: backend, ws: true } } },
});
