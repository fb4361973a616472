/** 37 of `v1.37.2`; undefined where the text is no version. There has only ever been a v1. */
export const minorOf = (version: string): number | undefined => {
  const digits = /^v1\.(\d+)\./.exec(version)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
