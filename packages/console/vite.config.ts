import { defineConfig, type Plugin } from 'vite'

/** Puts the style sheet into the page: a browser paints without asking for a second file. The CSP names the sheet by its hash. */
const styleInPage: Plugin = {
  name: 'style-in-page',
  enforce: 'post',
  generateBundle(_, bundle) {
    const page = bundle['index.html']
    const [file = '', style] = Object.entries(bundle).find(([name]) => name.endsWith('.css')) ?? []
    if (page?.type !== 'asset' || style?.type !== 'asset') throw new Error('the page or its style sheet is missing')
    page.source = `${page.source}`.replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${style.source}</style>`)
    delete bundle[file]
  }
}

/** One page with its style sheet, and one script with a hashed name. */
export default defineConfig({
  root: `${import.meta.dirname}/src/ui`,
  base: '/',
  plugins: [styleInPage],
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
