/** Paths of the icons, on a grid of 16. */
const paths = {
  waiting: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM8 4.5V8l2.5 2',
  machines: 'M2 3h12v4H2zM2 9h12v4H2zM4.5 5h.01M4.5 11h.01',
  codes: 'M6.5 8.5a3 3 0 1 1 1.8-5.4 3 3 0 0 1 0 4.8L14 13.5M11 10.5l-1.5 1.5M7 6.5',
  nodes: 'M8 1.5l5.5 3.2v6.6L8 14.5l-5.5-3.2V4.7zM8 8l5.5-3.3M8 8v6.5M8 8L2.5 4.7',
  alerts: 'M8 2L1.5 13.5h13zM8 6.5v3M8 11.6v.01',
  audit: 'M4 2h8v12H4zM6 5h4M6 8h4M6 11h2.5',
  servers: 'M3 2h10v3.500H3zM3 10.500h10V14H3zM8 5.500v5M5.500 3.800h.01M5.500 12.200h.01',
  pictures: 'M2 14h12M4 14V9M8 14V4M12 14V7',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.5 10.5L14 14',
  close: 'M4 4l8 8M12 4l-8 8',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  plus: 'M8 3v10M3 8h10',
  key: 'M5 8a2.5 2.5 0 1 0 0-.01M7.5 8H14v2M11.5 8v2',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1',
  moon: 'M13.5 9.5A6 6 0 1 1 6.5 2.5a4.8 4.8 0 0 0 7 7Z',
  screen: 'M2 3h12v8H2zM6 14h4M8 11v3',
  help: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM6.2 6.2a1.9 1.9 0 1 1 2.6 1.8c-.6.3-.8.6-.8 1.3M8 11.4v.01',
  back: 'M10 3L5 8l5 5',
  lock: 'M4 7h8v6.5H4zM5.5 7V5a2.5 2.5 0 0 1 5 0v2'
} as const
export type IconName = keyof typeof paths

/** An icon beside a word. It says nothing by itself, so a screen reader leaves it out. */
export const Icon = ({ name, size = 16 }: { name: IconName; size?: number }) => (
  <svg
    class="icon"
    width={size}
    height={size}
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    stroke-width="1.4"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    <path d={paths[name]} />
  </svg>
)
