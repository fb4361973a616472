import { execFileSync } from 'node:child_process'

const debianPackages: Record<string, string> = {
  'aarch64-linux-gnu-strip': 'binutils-aarch64-linux-gnu',
  'apt-ftparchive': 'apt-utils',
  'x86_64-linux-gnu-strip': 'binutils-x86-64-linux-gnu'
}

/** Runs a program of the build machine and gives what it printed. Throws where it fails or is not installed. */
export const tool = (name: string, ...args: string[]): string => {
  try {
    return execFileSync(name, args, { encoding: 'utf8' }).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new Error(`${name} is missing: apt install ${debianPackages[name] ?? name}`)
  }
}
