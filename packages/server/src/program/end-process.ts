/**
 * Ends the process at once, before anything else is answered. systemd starts another one, which reads what the disk
 * has. The function writes the message itself, because the log gathers its lines.
 */
export const endProcess = ({ message }: Error): void => {
  process.stderr.write(`the store could not be synced to the disk, this server ends: ${message}\n`)
  process.exit(1)
}
