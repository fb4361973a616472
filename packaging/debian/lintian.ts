const embedded = ['mbedtls', 'zlib']

/** What lintian may say of a package of this project, and why it is right as it is. */
export const lintianOverrides = (name: string): string =>
  [
    '# Node comes as npm has it, whole: a machine gets the agent before it has a way to any mirror.',
    ...embedded.map((library) => `${name}: embedded-library ${library} [usr/lib/${name}/node]`),
    '# Read by dpkg of Debian 12 and Ubuntu 22.04 on; only the upload queue of Debian does not take it.',
    `${name}: malformed-deb-archive *`,
    ''
  ].join('\n')
