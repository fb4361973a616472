/** Those of our own source files that only play a machine or a cluster. */
export const rehearsed = (files: readonly string[]): string[] =>
  files.filter((file) => /(^|\/)(fake-kubernetes|fake-machine|demo)\//.test(file) && !file.includes('node_modules/'))
