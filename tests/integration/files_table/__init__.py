"""The table of files: bytes in, report out, what the database holds then, and once errors.csv is corrected."""

from files_table.campaign import CAMPAIGN
from files_table.contacts import CONTACTS
from files_table.dialects import DIALECTS
from files_table.propertyradar import PROPERTYRADAR
from files_table.refused import REFUSED
from files_table.repeats import REPEATS
from files_table.shapes import SHAPES

READ = (*CONTACTS, *SHAPES, *DIALECTS, *REPEATS, *PROPERTYRADAR, *CAMPAIGN)
FILES = (*READ, *REFUSED)
