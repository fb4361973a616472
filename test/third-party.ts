import { existsSync, globSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/**
 * Bundles packages of others into the folder that it is given: what our own files import of them, and all that this needs. A
 * test process loads the bundles, so `quick-start.cjs` has them made. `bundles.json` there has the file of each import.
 *
 * A package that is loaded twice is two packages: a registry of one is not that of the other. `third-party.test.ts` looks.
 */
const specifiers = [
  // before those that use it while they are loaded
  'reflect-metadata',
  ...['@bufbuild/cel', '@bufbuild/cel/ext', '@bufbuild/protobuf/wkt', '@fastify/ajv-compiler'],
  '@marcbachmann/cel-js',
  ...['@fastify/fast-json-stringify-compiler', '@kubernetes/client-node', '@opentelemetry/otlp-transformer'],
  ...[
    '@peculiar/asn1-csr',
    '@peculiar/asn1-schema',
    '@peculiar/asn1-x509',
    '@peculiar/x509',
    'commander',
    'fast-check',
    'fastify',
    'jose'
  ],
  ...['pino', 'prom-client', 'tsyringe', 'typebox', 'typebox/compile', 'typebox/value', 'undici', 'yaml']
]

const root = resolve(import.meta.dirname, '..')
const homes = [root, ...globSync('packages/*', { cwd: root }).map((name) => join(root, name))]

/** Address of the file that Node loads for a specifier. Throws if two of our packages have different ones. */
const addressOf = (specifier: string): string => {
  const [name = ''] = /^(?:@[^/]+\/)?[^/]+/.exec(specifier) ?? []
  const users = homes.filter((home) => existsSync(join(home, 'node_modules', name)))
  const [address, ...others] = new Set(
    users.map((home) => import.meta.resolve(specifier, pathToFileURL(`${home}/`).href))
  )
  if (address === undefined || others.length > 0)
    throw new Error(`our packages must have the same ${specifier}, not ${[address, ...others].join(' and ')}`)
  return address
}

const [folder = ''] = process.argv.slice(2)
mkdirSync(join(folder, 'entries'), { recursive: true })
const bundles: Record<string, string> = {}
const entryPoints: string[] = []
for (const specifier of specifiers) {
  const address = addressOf(specifier)
  // Node reads the names of a CommonJS module off its text, and esbuild does not
  const names = Object.keys((await import(address)) as object).filter((name) => name !== 'module.exports')
  const file = `${specifier.replaceAll('/', '-')}.mjs`
  const from = JSON.stringify(fileURLToPath(address))
  const entry = join(folder, 'entries', file)
  writeFileSync(entry, names.length === 0 ? `import ${from}\n` : `export { ${names.join(', ')} } from ${from}\n`)
  entryPoints.push(entry)
  bundles[specifier] = file
}
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints,
  outdir: folder,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  // what two of them need is one file
  splitting: true,
  format: 'esm',
  platform: 'node',
  // as Node chooses among the files of a package
  conditions: ['module-sync'],
  // names stay and lines are short, for whoever reads a stack trace
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 160,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  // CommonJS packages still ask for node's own modules by `require`
  banner: {
    js: "import { createRequire as joineryRequire } from 'node:module'; const require = joineryRequire(import.meta.url)"
  }
})
writeFileSync(join(folder, 'metafile.json'), JSON.stringify(metafile))
writeFileSync(join(folder, 'bundles.json'), JSON.stringify(bundles))
