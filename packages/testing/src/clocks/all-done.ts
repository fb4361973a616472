/** Kinds of what is under way in this process without time: turns of the event loop, and files that are read or written. */
const underWay: readonly string[] = ['Immediate', 'FSReqPromise', 'FSReqCallback', 'CloseReq']

/** Resolves when all is done that needs no time: nobody waits for a turn of the event loop any more, nor for a file. */
export const allDone = async (): Promise<void> => {
  do await new Promise((resolve) => setImmediate(resolve))
  while (process.getActiveResourcesInfo().some((one) => underWay.includes(one)))
}
