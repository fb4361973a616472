import type { Executors } from './context.ts'

/** The step that pulls the images of a control plane, before it claims. */
export const pullImages: Executors<'pull-images'> = {
  // one at a time: between two images the agent looks at the machine, and hears what the server says
  'pull-images': async ({ images }, { looking, joining, memory, say, log }) => {
    const [image, ...others] = await looking.missingImages(images)
    if (image === undefined) {
      memory.images = images
      return
    }
    say(`pulling the image ${image}${others.length > 0 ? `, and ${others.length} more after it` : ''}`)
    await joining.pullImage(image).catch((cause: Error) => {
      throw new Error(
        `the image ${image} cannot be pulled: ${cause.message}; to try it by hand: crictl pull ${image}`,
        {
          cause
        }
      )
    })
    log.info({ image }, 'pulled an image')
  }
}
