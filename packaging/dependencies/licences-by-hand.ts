interface ByHand {
  /** As package.json of the package has it: another one has another text. */
  license: string
  /** Files of the repository, in the order in which they are read. */
  files: readonly string[]
}

const apache = 'LICENSE'
const cel: ByHand = { license: 'Apache-2.0', files: ['packaging/dependencies/texts/bufbuild-cel.txt', apache] }

/** The licences of npm packages that ship no text of theirs. Each file says at its top where its text is from. */
export const licencesByHand: Readonly<Record<string, ByHand>> = {
  '@bufbuild/cel': cel,
  '@bufbuild/cel-spec': cel,
  '@bufbuild/protobuf': {
    license: '(Apache-2.0 AND BSD-3-Clause)',
    files: ['packaging/dependencies/texts/bufbuild-protobuf.txt', apache]
  },
  'abstract-logging': { license: 'MIT', files: ['packaging/dependencies/texts/abstract-logging.txt'] }
}
