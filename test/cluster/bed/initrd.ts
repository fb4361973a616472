import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { must } from './run.ts'

export const initSource = new URL('init.c', import.meta.url)

/**
 * Writes `<folder>/initrd`, the smallest one that finds the disk of a machine: a program and the module of its driver. Debian's
 * own takes an emulated processor four seconds more, since it looks for any disk that a machine may have.
 */
export async function writeInitrd(folder: string, module: string): Promise<void> {
  const work = await mkdtemp(join(folder, 'initrd-'))
  const init = join(work, 'init')
  await must(['gcc', '-static', '-Os', '-s', '-o', init, fileURLToPath(initSource)])
  const files = { init: await readFile(init), 'virtio_blk.ko.xz': await readFile(module) }
  await writeFile(join(folder, 'initrd'), archive(files))
  await rm(work, { recursive: true })
}

/** A cpio archive as the kernel unpacks it: "newc", see Documentation/driver-api/early-userspace/buffer-format.rst of Linux. */
function archive(files: Readonly<Record<string, Buffer>>): Buffer {
  const members = Object.entries(files).map(([name, content], index) => member(name, content, index + 1, 0o100755))
  return Buffer.concat([...members, member('TRAILER!!!', Buffer.alloc(0), 0, 0)])
}

function member(name: string, content: Buffer, inode: number, mode: number): Buffer {
  // of one link, owned by root, and as old as the epoch
  const before = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length + 1, 0]
  const fields = before.map((field) => field.toString(16).padStart(8, '0')).join('')
  return Buffer.concat([padded(Buffer.from(`070701${fields}${name}\0`)), padded(content)])
}

/** Followed by zeroes up to a multiple of four bytes. */
function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)])
}
