/**
 * Ends the process at once, before anything else is answered. systemd starts another one, which reads what the disk
 * has. The function writes the message itself, because the log gathers its lines.
 */
export const endProcess = ({ message }: Error): void =>
  end(`the store could not be synced to the disk, this server ends: ${message}`)

/**
 * Ends the process of a server that is not the active one any more. systemd starts another one, which stands by. What this one has
 * in memory is no more than another server has in etcd by now.
 */
export const endDeposed = (reason: string): void =>
  end(`this server is not the active one any more, it ends: ${reason}`)

/**
 * Ends the process of a server whose file could not follow the log of its cluster. The log has what the file does not, so the next
 * process reads the log.
 */
export const endBehindLog = ({ message }: Error): void =>
  end(`the store could not follow the log of the cluster, this server ends: ${message}`)

const end = (sentence: string): void => {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}
