import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { copyOf, type DebianPackage, type PackageFile } from '../debian/deb.ts'
import { movableLauncher } from '../debian/launcher.ts'
import { longTool } from '../tool.ts'

/** What an archive is made of: its name, and its files by their paths below its folder. */
export type Archive = Pick<DebianPackage, 'control' | 'files'>

/** What only dpkg and lintian look for. */
const ofDebian = /^\/usr\/share\/(lintian|doc\/[^/]+\/changelog)/

/** The agent for systems without dpkg: the files of its package, and install.sh, which puts them into place, but for the manual. */
export const agentArchive = ({ control, files }: DebianPackage): Archive => ({
  control,
  files: [
    ...files.filter(({ path }) => !ofDebian.test(path) && !path.startsWith('/usr/share/man/')),
    { ...copyOf('packaging/archive/install.sh', '/install.sh'), mode: 0o755 },
    { path: '/architecture', mode: 0o644, content: `${control.Architecture}\n` }
  ]
})

/**
 * The command for systems without dpkg: `bin`, `lib` and `share`, which lie anywhere, as below /usr/local or where krew unpacks. It has a
 * copy for each link of the package, since krew takes no links.
 */
export const commandArchive = ({ control, files, links }: DebianPackage): Archive => {
  const name = control.Package
  const own = files
    .filter(({ path }) => !ofDebian.test(path))
    .map((file): PackageFile => (file.path === `/usr/bin/${name}` ? { ...file, content: movableLauncher(name) } : file))
  const copies = Object.entries(links).flatMap(([path, target]) =>
    own.filter((file) => file.path === `${dirname(path)}/${target}`).map((file) => ({ ...file, path }))
  )
  const below = [...own, ...copies].map((file) => ({ ...file, path: file.path.replace(/^\/usr/, '') }))
  return { control, files: [...below, copyOf('LICENSE', '/LICENSE')] }
}

/**
 * Builds `<target>/<name>_<version>_<architecture>.tar.gz` and gives its path. The same input gives the same bytes, as with the
 * package.
 */
export const buildTarball = async (target: string, { control, files }: Archive): Promise<string> => {
  const folder = `${control.Package}-${control.Version}`
  const stage = mkdtempSync(`${tmpdir()}/joinery-tarball-`)
  try {
    for (const { path, mode, content } of files) {
      const file = `${stage}/${folder}${path}`
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
      chmodSync(file, mode)
    }
    const archive = `${target}/${control.Package}_${control.Version}_${control.Architecture}.tar`
    const owner = ['--owner=root:0', '--group=root:0', '--mode=u+rwX,go+rX,go-w']
    const order = ['--sort=name', `--mtime=@${process.env.SOURCE_DATE_EPOCH}`, '--format=gnu']
    await longTool('tar', ...owner, ...order, '--create', `--file=${archive}`, `--directory=${stage}`, folder)
    // 4 % smaller than by gzip -9: krew and many a machine take nothing but gzip. It keeps no name, and no time
    await longTool('libdeflate-gzip', '-12', '-f', archive)
    return `${archive}.gz`
  } finally {
    rmSync(stage, { recursive: true })
  }
}
