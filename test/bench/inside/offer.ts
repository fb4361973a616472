/** What a program of this folder does when it is asked: by name, over the IPC channel. */
export type Calls = Record<string, (...args: never[]) => unknown>

export interface Request {
  id: number
  name: string
  args: never[]
}
export type Reply = { id: number; value: unknown } | { id: number; error: string }

/** Serves `calls` to the parent process, until it closes the channel. */
export const offer = (calls: Calls): void => {
  process.on('message', async ({ id, name, args }: Request) => {
    const reply = await answer(calls, name, args).then(
      (value) => ({ id, value }),
      (error: Error) => ({ id, error: error.stack ?? error.message })
    )
    process.send?.(reply)
  })
  process.on('disconnect', () => process.exit())
}

const answer = async (calls: Calls, name: string, args: never[]): Promise<unknown> => {
  const call = calls[name]
  if (call === undefined) throw new Error(`there is no call ${name}`)
  return call(...args)
}
