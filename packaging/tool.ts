import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'

const debianPackages: Record<string, string> = {
  'aarch64-linux-gnu-strip': 'binutils-aarch64-linux-gnu',
  'apt-ftparchive': 'apt-utils',
  'libdeflate-gzip': 'libdeflate-tools',
  'x86_64-linux-gnu-strip': 'binutils-x86-64-linux-gnu'
}

/** Runs a program of the build machine and gives what it printed. Throws where it fails or is not installed. */
export const tool = (name: string, ...args: string[]): string => {
  try {
    return execFileSync(name, args, { encoding: 'utf8' }).trim()
  } catch (error) {
    throw withRemedy(name, error)
  }
}

/** Runs a program of the build machine that takes long, while others run. Rejects as `tool` throws. */
export const longTool = async (name: string, ...args: string[]): Promise<void> => {
  try {
    await promisify(execFile)(name, args)
  } catch (error) {
    throw withRemedy(name, error)
  }
}

const withRemedy = (name: string, error: unknown): unknown =>
  (error as NodeJS.ErrnoException).code === 'ENOENT'
    ? new Error(`${name} is missing: apt install ${debianPackages[name] ?? name}`)
    : error
