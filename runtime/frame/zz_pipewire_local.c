#include "lunette/format.h"
#include <string.h>
static int up(int v,int a){return (v+a-1)/a*a;}
bool lun_format_equal(const struct lun_format*a,const struct lun_format*b){return a->pixel==b->pixel&&a->width_px==b->width_px&&a->height_px==b->height_px&&a->fps_num==b->fps_num&&a->fps_den==b->fps_den&&a->matrix==b->matrix&&a->range==b->range;}
struct lun_format lun_format_default(void){return (struct lun_format){.pixel=LUN_PIXEL_NV12,.width_px=1920,.height_px=1080,.fps_num=30,.fps_den=1};}
void lun_format_layout(const struct lun_format*f,struct lun_layout*l){memset(l,0,sizeof*l);int w=f->width_px,h=f->height_px,h2=up(h,2),c=(w+1)/2;switch(f->pixel){
case LUN_PIXEL_NV12:l->planes=2;l->stride_bytes[0]=l->stride_bytes[1]=up(w,4);l->offset_bytes[1]=(size_t)up(w,4)*h2;l->size_bytes=l->offset_bytes[1]*3/2;break;
case LUN_PIXEL_I420:l->planes=3;l->stride_bytes[0]=up(w,4);l->stride_bytes[1]=l->stride_bytes[2]=up(c,4);l->offset_bytes[1]=(size_t)up(w,4)*h2;l->offset_bytes[2]=l->offset_bytes[1]+(size_t)up(c,4)*(h2/2);l->size_bytes=l->offset_bytes[2]+(size_t)up(c,4)*(h2/2);break;
case LUN_PIXEL_YUY2:l->planes=1;l->stride_bytes[0]=up(w*2,4);l->size_bytes=(size_t)up(w*2,4)*h;break;
default:l->planes=1;l->stride_bytes[0]=w*4;l->size_bytes=(size_t)w*4*h;}}
bool lun_pixel_format_parse(const char*t,enum lun_pixel_format*o){const char*n[]={"nv12","i420","yuy2","bgra"};for(int i=0;i<4;i++)if(!strcasecmp(t,n[i])){*o=i;return true;}return false;}
const char*lun_pixel_format_name(enum lun_pixel_format p){const char*n[]={"nv12","i420","yuy2","bgra"};return n[p];}
#include <stdio.h>
bool lun_size_parse(const char*t,int*w,int*h){return sscanf(t,"%dx%d",w,h)==2;}
uint64_t lun_format_tick_ns(const struct lun_format*f,uint64_t n){return n*1000000000ull*f->fps_den/f->fps_num;}
