import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { made } from './cache.ts'
import { must, mustLogged } from './run.ts'

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'
const suites = ['bookworm', 'bookworm-backports'] as const
const wanted = 10

/**
 * Gives the command that starts QEMU 10 or later. Debian 12 has 7.2, which takes a fifth more processor time for the same boot, so there QEMU is taken
 * from Debian's backports. It is unpacked in the cache, and the host's own stays as it is.
 */
export async function makeEmulator(cache: string, log: string): Promise<readonly string[]> {
  const own = 'qemu-system-x86_64'
  const version = /version (\d+)/.exec(await must([own, '--version']))?.[1]
  if (Number(version) >= wanted) return [own]
  const folder = await made(cache, 'qemu', [new URL(import.meta.url)], async (folder) => {
    const apt = join(folder, 'apt')
    await download(apt, log)
    const archives = join(apt, 'cache/archives')
    for (const name of await readdir(archives)) {
      if (name.endsWith('.deb')) await must(['dpkg', '--extract', join(archives, name), folder])
    }
    await rm(apt, { recursive: true })
  })
  const libraries = (await readdir(join(folder, 'usr/lib'))).filter((name) => name.endsWith('-linux-gnu'))
  const path = libraries.map((name) => join(folder, 'usr/lib', name)).join(':')
  const data = ['qemu', 'seabios'].flatMap((name) => ['-L', join(folder, 'usr/share', name)])
  return ['env', `LD_LIBRARY_PATH=${path}`, join(folder, 'usr/bin', own), ...data]
}

/** Downloads the packages of the newer QEMU that this host lacks, with lists and a cache of packages of its own in `folder`. */
async function download(folder: string, log: string): Promise<void> {
  const at = (name: string) => join(folder, name)
  for (const name of ['lists/partial', 'cache/archives/partial']) await mkdir(at(name), { recursive: true })
  const mirror = await mirrorOfHost()
  const sources = suites.map((suite) => `deb [signed-by=${keyring}] ${mirror} ${suite} main\n`)
  await writeFile(at('sources'), sources.join(''))
  const settings = {
    'Dir::Etc::sourcelist': at('sources'),
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': at('lists'),
    'Dir::Cache': at('cache')
  }
  const apt = ['apt-get', ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])]
  await mustLogged([...apt, 'update'], log)
  const install = ['install', '--yes', '--download-only', '--no-install-recommends']
  await mustLogged([...apt, ...install, `--target-release=${suites[1]}`, 'qemu-system-x86'], log)
}

/** The address of the Debian mirror that this host's own apt uses. */
async function mirrorOfHost(): Promise<string> {
  const targets = ['indextargets', '--format', '$(SITE)', 'Created-By: Packages', `Codename: ${suites[0]}`]
  const [mirror = ''] = (await must(['apt-get', ...targets])).split('\n')
  if (mirror === '')
    throw new Error('apt has no source of Debian 12: the newer QEMU of its backports cannot be fetched')
  return mirror
}
