import { defineConfig } from 'vite'

/** One script and one style sheet, with hashed names, and nothing inline: the page's CSP has no exception. */
export default defineConfig({
  root: `${import.meta.dirname}/src/ui`,
  base: '/',
  build: {
    outDir: `${import.meta.dirname}/dist`,
    emptyOutDir: true,
    target: 'es2022',
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } }
})
