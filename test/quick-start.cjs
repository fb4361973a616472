// Halves the time that a test file takes to start; tap loads it before anything else in each of them.
const { createHash } = require('node:crypto')
const { existsSync, readFileSync } = require('node:fs')
const loader = require('node:module')
const { join } = require('node:path')
const { pathToFileURL } = require('node:url')

const { env } = process

/**
 * tap wants to know which test an error belongs to that nobody caught. It follows each promise with a hook, which takes a
 * tenth of the time of a journey. Node carries the context of a test along anyway, so that it says the same.
 */
const tellTestsByContext = () => {
  const hooks = require('node:async_hooks')
  const { AsyncLocalStorage, AsyncResource, createHook, executionAsyncId } = hooks
  const test = new AsyncLocalStorage()
  hooks.AsyncResource = class extends AsyncResource {
    runInAsyncScope(act, self, ...given) {
      if (this.constructor.name !== 'TapWrap') return super.runInAsyncScope(act, self, ...given)
      return super.runInAsyncScope(() => test.run(this.asyncId(), () => act.apply(self, given)))
    }
  }
  hooks.executionAsyncId = () => test.getStore() ?? executionAsyncId()
  hooks.createHook = (methods) => {
    const [, , caller = ''] = new Error().stack.split('\n')
    return caller.includes('/async-hook-domain/') ? { enable: () => {}, disable: () => {} } : createHook(methods)
  }
  loader.syncBuiltinESMExports()
}

/**
 * Folder with bundles of the packages of others, as they are installed. The first process that needs it makes it: whoever runs
 * one test file by itself, too, has nothing to do first.
 */
const thirdParty = () => {
  const maker = join(__dirname, 'third-party.ts')
  // pnpm writes there what it has installed
  const installed = join(__dirname, '../node_modules/.pnpm/lock.yaml')
  const hash = createHash('sha256').update(process.version)
  for (const file of [maker, installed]) hash.update(readFileSync(file))
  const folder = join(__dirname, '../.tap/third-party', hash.digest('hex').slice(0, 16))
  if (!existsSync(folder)) {
    const { execFileSync } = require('node:child_process')
    const { madeOnce } = require('../packages/testing/src/processes/made-once.ts')
    const program = ['--experimental-import-meta-resolve', maker]
    // what a test prints is for tap
    madeOnce(folder, (aside) => execFileSync(process.execPath, [...program, aside], { stdio: ['ignore', 2, 2] }))
  }
  return folder
}

/**
 * Our own files get the bundles in place of 2,000 files of the packages: a process that has the server starts in half the time.
 * What packages import of one another stays as it is.
 */
const takeThirdParty = (registerHooks) => {
  const folder = thirdParty()
  const bundles = Object.entries(JSON.parse(readFileSync(join(folder, 'bundles.json'), 'utf8')))
  const urls = new Map(bundles.map(([specifier, file]) => [specifier, pathToFileURL(join(folder, file)).href]))
  registerHooks({
    resolve: (specifier, context, next) => {
      const url = urls.get(specifier)
      if (url === undefined || context.parentURL?.includes('/node_modules/')) return next(specifier, context)
      return { url, format: 'module', shortCircuit: true }
    }
  })
}

// while tap measures coverage, it reads every source itself, and Node counts less exactly what comes from its cache
if (env._TAPJS_PROCESSINFO_COVERAGE_ === '0') {
  // tap notes each module that is loaded, to find out later which tests a change touches, and can put a mock in its place:
  // nobody asks it either here, and a load takes a third less without its hooks
  env._TAPJS_PROCESSINFO_EXCLUDE_ = '/./'
  const { registerHooks } = loader
  loader.registerHooks = (hooks) => {
    const [, , caller = ''] = new Error().stack.split('\n')
    return caller.includes('/@tapjs/') ? { deregister: () => {} } : registerHooks(hooks)
  }
  tellTestsByContext()
  // types are only blanked out, so no source of ours has a map, and tap's own are of no use to us
  process.setSourceMapsEnabled(false)
  process.setSourceMapsEnabled = () => {}
  // tap has each Node that a test starts watched, too: one that does not get tap's other variables would measure its coverage
  const options = (env.NODE_OPTIONS ?? '').replace(/"?--import=[^" ]*\/processinfo\/[^" ]*"?/g, '').trim()
  if (options === '') delete env.NODE_OPTIONS
  else env.NODE_OPTIONS = options
  // for the processes, too, that a test starts
  env.NODE_COMPILE_CACHE = join(__dirname, '../.tap/compile-cache')
  loader.enableCompileCache(env.NODE_COMPILE_CACHE)
  takeThirdParty(registerHooks)
}
