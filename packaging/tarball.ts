import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import type { DebianPackage } from './deb.ts'

/** What only dpkg and lintian look for, and pages of the manual, which install.sh does not place. */
const ofDebian = /^\/usr\/share\/(lintian|man|doc\/[^/]+\/changelog)/

/**
 * Builds `<target>/<name>_<version>_<architecture>.tar.gz` for systems without dpkg and gives its path: the files of the
 * package, and install.sh, which puts them into place. The same input gives the same bytes, as with the package.
 */
export const buildTarball = async (target: string, { control, files }: DebianPackage): Promise<string> => {
  const folder = `${control.Package}-${control.Version}`
  const stage = mkdtempSync(`${tmpdir()}/joinery-tarball-`)
  try {
    const installer = { path: '/install.sh', mode: 0o755, content: readFileSync('packaging/tarball/install.sh') }
    const architecture = { path: '/architecture', mode: 0o644, content: `${control.Architecture}\n` }
    for (const { path, mode, content } of [
      ...files.filter(({ path }) => !ofDebian.test(path)),
      installer,
      architecture
    ]) {
      const file = `${stage}/${folder}${path}`
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
      chmodSync(file, mode)
    }
    const archive = `${target}/${control.Package}_${control.Version}_${control.Architecture}.tar.gz`
    const owner = ['--owner=root:0', '--group=root:0', '--mode=u+rwX,go+rX,go-w']
    const order = ['--sort=name', `--mtime=@${process.env.SOURCE_DATE_EPOCH}`, '--format=gnu']
    // without the time of its making, which gzip would keep
    const compressed = ['--use-compress-program=gzip -9 --no-name', '--create', `--file=${archive}`]
    await promisify(execFile)('tar', [...owner, ...order, ...compressed, `--directory=${stage}`, folder])
    return archive
  } finally {
    rmSync(stage, { recursive: true })
  }
}
