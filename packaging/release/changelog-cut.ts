/** The text of a version in the changelog, without its heading; undefined if the changelog has no section for it. */
export const sectionOf = (changelog: string, version: string): string | undefined => {
  const { sections } = partsOf(changelog)
  return sections.find(({ name, date }) => name === version && date !== undefined)?.text
}

/**
 * Why the changelog cannot be released as this version; undefined if it can. It can if the newest version in it is this
 * one, with a day and with text, and if nothing is left under `[Unreleased]`.
 */
export const changelogFault = (changelog: string, version: string): string | undefined => {
  const { sections } = partsOf(changelog)
  const [unreleased, newest] = sections
  if (unreleased?.name !== 'Unreleased') return 'CHANGELOG.md has no section [Unreleased] at its top'
  if (sectionOf(changelog, version) === undefined) {
    return `CHANGELOG.md has no section "## [${version}] - YYYY-MM-DD": cut it from [Unreleased]`
  }
  if (newest?.name !== version) return `CHANGELOG.md has ${newest?.name} above ${version}`
  if (newest.text === '') return `the section of ${version} in CHANGELOG.md says nothing`
  return unreleased.text === ''
    ? undefined
    : `CHANGELOG.md has text under [Unreleased]: it belongs to ${version}, or waits`
}

interface Section {
  name: string
  date: string | undefined
  text: string
}

const partsOf = (changelog: string): { sections: Section[] } => {
  const [, ...parts] = changelog.split(/^## /m)
  return {
    sections: parts.map((part) => {
      const [heading = '', ...lines] = part.split('\n')
      const [, name = '', date] = /^\[([^\]]+)\](?: - (\d{4}-\d{2}-\d{2}))?$/.exec(heading.trim()) ?? []
      return { name, date, text: lines.join('\n').trim() }
    })
  }
}
