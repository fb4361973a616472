import { namespace } from '@joinery/cli/testing/release'
import { tagOf } from './version.ts'

/** What is to be signed for a release. */
export interface ToSign {
  version: string
  /** Of Git, in hex. */
  commit: string
  /** Folders with a file `Release` of an apt repository, below the folder that is carried to the key: apt/dists/stable. */
  suites: readonly string[]
}

/**
 * The commands that sign a release, for whoever has the keys, in the folder that was carried to them. They are printed, and no
 * script in that folder: the machine that builds must run nothing on the one with the keys that nobody read.
 */
export const signingCommands = ({ version, commit, suites }: ToSign): string => {
  const tag = tagOf(version)
  const apt = suites.flatMap((suite) => [
    `gpg --local-user "$APT_KEY" --clearsign --output ${suite}/InRelease ${suite}/Release`,
    `gpg --local-user "$APT_KEY" --armor --detach-sign --output ${suite}/Release.gpg ${suite}/Release`
  ])
  return [
    '# your keys: the file of the one for ssh, and the address of the one for the apt repository',
    'KEY=~/.ssh/joinery-release',
    ...(apt.length === 0 ? [] : ['APT_KEY=apt@joinery.invalid']),
    '# what you sign: read this commit, and build it on a machine that you trust. Its dist/SHA256SUMS must be this one',
    'git init --quiet source && git -C source fetch --quiet ../commit.bundle HEAD',
    '# the signatures',
    `git -C source -c gpg.format=ssh -c user.signingKey="$KEY" tag --sign --message 'Joinery ${version}' ${tag} ${commit}`,
    `git -C source cat-file tag ${tag} > ${tag}.tag`,
    `ssh-keygen -Y sign -f "$KEY" -n ${namespace} SHA256SUMS`,
    ...apt
  ].join('\n')
}
