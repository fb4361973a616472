/** Those of our own source files that only play a machine or a cluster. */
export const rehearsed = (files: readonly string[]): string[] =>
  files.filter((file) => /(^|\/)(rehearsal|demo)\//.test(file) && !file.includes('node_modules/'))
