"""Commands of this Scrapy project, found through the COMMANDS_MODULE setting."""
