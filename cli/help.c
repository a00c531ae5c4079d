#include "command.h"

#include <stdio.h>

int run_help(void)
{
	fputs(
		"laconic: lossless compression of LLM-written text with a language model\n"
		"\n"
		"usage: laconic [COMMAND] [OPTION]... [FILE]...\n"
		"\n"
		"  laconic FILE                  FILE -> FILE.lac (FILE is kept)\n"
		"  laconic -d FILE.lac           FILE.lac -> FILE\n"
		"  ... | laconic | ...           without FILE, or with -: standard input to standard output\n"
		"\n"
		"Commands\n"
		"  compress, -z                  the default\n"
		"  decompress, -d\n"
		"  test, -t                      decompress without writing\n"
		"  list, -l                      sizes, ratio, tokens, records, model\n"
		"  models show [MODEL.gguf]      the embedded model, or a file\n"
		"\n"
		"Options\n"
		"  -o, --output FILE             write here\n"
		"  -c, --stdout                  write to standard output\n"
		"  -f, --force                   replace existing files\n"
		"  -k, --keep                    keep the source (always so)\n"
		"  -T, --threads N               threads (default: one a CPU); never changes the bytes\n"
		"  -q, --quiet   -v, --verbose\n"
		"      --records                 every line is a record, coded on its own\n"
		"  -0, --null                    with --records: records end with NUL instead of a newline\n"
		"      --block-size N[K|M]       bytes of text a block (default 64K): larger is smaller and less parallel\n"
		"      --model MODEL.gguf        use this model; the same one is needed to decompress\n"
		"      --adapter ADAPTER.gguf    offer this low-rank adapter of the model too, as often as wanted: each block or record takes the\n"
		"                                best of them; the chosen ones are needed to decompress. list then shows their sizes\n"
		"      --kernels NAME            force an instruction set (laconic --version lists them); never changes the bytes\n"
		"      --memory N[K|M|G]         for texts in work and adapters (default 1G), beside the model; never changes the bytes\n"
		"      --batch N                 tokens evaluated together (for tests); never changes the bytes\n"
		"      --json                    list, models show: one JSON object a line\n"
		"  -h, --help    -V, --version\n"
		"\n"
		"Exit status: 0 done, 1 error, 2 some file was skipped.\n", stdout);
	return EXIT_OK;
}

int run_version(void)
{
	printf("laconic %s\nkernels:", lac_version());
	for (unsigned i = 0; lac_kernels_name(i); i++)
		printf(" %s", lac_kernels_name(i));
	printf("\n");
	return EXIT_OK;
}
