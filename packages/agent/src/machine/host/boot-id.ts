import type { Files } from '@joinery/host/files.ts'

/** Differs after each boot of the kernel: tells a restart of the agent from one of the machine. */
export const bootId = async (files: Files): Promise<string> =>
  (await files.read('/proc/sys/kernel/random/boot_id'))?.trim() ?? ''
