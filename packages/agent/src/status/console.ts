import { constants, open } from 'node:fs/promises'

/** The kernel's console: a screen, a serial line, or what a cloud shows of the machine. */
const consoleDevice = '/dev/console'

/**
 * Makes `print(line)`, which prints a line of its own on that device, if one is there and takes it. It never waits
 * for the device: a serial line may stand still for ever. It never throws.
 */
export const consolePrinter =
  (device: string = consoleDevice) =>
  async (line: string): Promise<void> => {
    // NOCTTY: it must not become the terminal that ends this process
    const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY
    try {
      const file = await open(device, flags)
      // a line may stand there already
      await file.write(`\r\njoinery-agent: ${line}\r\n`).finally(() => file.close())
    } catch {}
  }
