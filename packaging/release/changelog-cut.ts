/**
 * The changelog with all that is under `[Unreleased]` moved to a section of the version. Undefined if nothing is there. `day`: as
 * 2026-12-24.
 */
export const cutChangelog = (changelog: string, version: string, day: string): string | undefined => {
  const [, before = '', text = '', after = ''] =
    /^([\s\S]*?^## \[Unreleased\]\n)([\s\S]*?)(^## \[[\s\S]*|$(?![\s\S]))/m.exec(changelog) ?? []
  if (text.trim() === '') return undefined
  return `${before}\n## [${version}] - ${day}\n\n${text.trim()}\n${after === '' ? '' : `\n${after}`}`
}
