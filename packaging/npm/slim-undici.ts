import type { Plugin } from 'esbuild'

/** The parts of undici that the command uses: its other parts ask at their start for what Node 20 lacks, such as zstd. */
const parts = `
Object.assign(require('./lib/dispatcher/dispatcher').prototype, require('./lib/api'))
const { getGlobalDispatcher } = require('./lib/global')
exports.Agent = require('./lib/dispatcher/agent')
exports.Client = require('./lib/dispatcher/client')
exports.request = (url, { dispatcher = getGlobalDispatcher(), ...options }) => {
  const { origin, pathname, search } = new URL(url)
  return dispatcher.request({ ...options, origin, path: pathname + search })
}
`

/** Gives a bundle these parts for undici. */
export const slimUndici: Plugin = {
  name: 'slim-undici',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/node_modules\/undici\/index\.js$/ }, () => ({ contents: parts, loader: 'js' }))
}
