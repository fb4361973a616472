import { mustLogged, run } from './run.ts'

const packages = [
  'curl',
  'debian-archive-keyring',
  'e2fsprogs',
  'gcc',
  'genisoimage',
  'iproute2',
  'libc6-dev',
  'mmdebstrap',
  'openssh-client',
  'procps',
  'qemu-system-x86',
  'qemu-utils'
]

/** Installs the Debian packages that the bed needs and this host lacks. Asks nothing. */
export async function installPackages(log: string): Promise<void> {
  const missing: string[] = []
  for (const name of packages) {
    const { stdout } = await run(['dpkg-query', '--status', name])
    if (!stdout.includes('\nStatus: install ok installed\n')) missing.push(name)
  }
  if (missing.length === 0) return
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await mustLogged(['apt-get', 'update'], log, { env })
  await mustLogged(['apt-get', 'install', '--yes', '--no-install-recommends', ...missing], log, { env })
}
