import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { madeOnce } from '@joinery/testing/processes/made-once'
import type { LaunchOptions } from 'playwright-core'
import root from '../../package.json' with { type: 'json' }
import own from './own-browser/package.json' with { type: 'json' }

const project = join(import.meta.dirname, 'own-browser')
const folder = join(import.meta.dirname, '../../.tap/browser', own.dependencies['@sparticuz/chromium'])

/**
 * Start of a Chromium for x64 that is a package of npm, with the libraries and the font that a small Debian lacks. Downloading it is
 * the page suites' own step: it has 70 MB, half as much again as all that the project installs. Throws if it cannot be had.
 */
export const ownBrowser = (): LaunchOptions => {
  if (process.arch !== 'x64') throw new Error(`the browser that comes along is not for ${process.arch}`)
  madeOnce(folder, install)
  const env = { ...process.env, LD_LIBRARY_PATH: join(folder, 'lib'), FONTCONFIG_PATH: folder }
  return { executablePath: join(folder, 'chromium'), env }
}

/** Longest time that the installation may take, in milliseconds. */
const patience = 180_000

const install = (aside: string): void => {
  const copy = join(aside, 'project')
  mkdirSync(copy, { recursive: true })
  for (const file of readdirSync(project)) copyFileSync(join(project, file), join(copy, file))
  const words = ['-y', root.packageManager, 'install', '--frozen-lockfile']
  // npx and pnpm are not tests
  const env = { ...process.env, NODE_OPTIONS: '', npm_config_fetch_retries: '0', pnpm_config_fetch_retries: '0' }
  execFileSync('npx', words, { cwd: copy, env, stdio: 'pipe', timeout: patience })
  const unpacked = (name: string): Buffer =>
    brotliDecompressSync(readFileSync(join(copy, `node_modules/@sparticuz/chromium/bin/${name}.br`)))
  writeFileSync(join(aside, 'chromium'), unpacked('chromium'), { mode: 0o755 })
  for (const name of ['al2023.tar', 'fonts.tar']) {
    execFileSync('tar', ['--extract', '--no-same-owner', `--directory=${aside}`], { input: unpacked(name) })
  }
  // its own names the folders of a cloud's function
  writeFileSync(join(aside, 'fonts.conf'), '<fontconfig><dir prefix="relative">fonts</dir></fontconfig>\n')
  rmSync(copy, { recursive: true })
}
