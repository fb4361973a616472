interface Source {
  /** URL of the repository. */
  url: string
  suite: string
  /** The public key that signs it, in armour. */
  key: string
}

/**
 * What /etc/apt/sources.list.d/joinery.sources says of a repository, with the key in it: no other repository is trusted by that key, and
 * this one by no other. Source of the form: sources.list(5), deb822.
 */
export const aptSources = ({ url, suite, key }: Source): string =>
  [
    'Types: deb',
    `URIs: ${url}`,
    `Suites: ${suite}`,
    'Components: main',
    'Signed-By:',
    ...key
      .trim()
      .split('\n')
      .map((line) => ` ${line === '' ? '.' : line}`),
    ''
  ].join('\n')
