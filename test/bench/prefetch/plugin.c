/* What the Pod of a network plugin does on its Node: it writes the configuration, whole, and stays. plugin FOLDER NAME TEXT */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **words) {
  char part[512], file[512];
  if (count != 4) return 2;
  snprintf(part, sizeof part, "%s/.%s", words[1], words[2]);
  snprintf(file, sizeof file, "%s/%s", words[1], words[2]);
  FILE *out = fopen(part, "w");
  if (out == NULL || fputs(words[3], out) == EOF || fclose(out) != 0 || rename(part, file) != 0) return 1;
  for (;;) pause();
}
