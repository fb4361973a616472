/** Where the files of releases are fetched from. There is no such place yet. */
export const downloads = 'https://joinery.invalid'
